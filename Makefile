.PHONY: demo test lint dist
demo test lint dist:
	@./dev $@
