"""What the account does with orders.

`order_file` (what is written down), `orders` (orders on their way), `counts` (how many may leave),
`refresh` (what is asked for after an interruption), `listeners` (who follows the account).
"""
