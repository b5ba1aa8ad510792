"""What is forbidden, as functions of values: each yields what is wrong with a resource, or with a stack of them."""
