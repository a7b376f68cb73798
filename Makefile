.PHONY: demo test clients lint dist
demo test clients lint dist:
	@./dev $@
