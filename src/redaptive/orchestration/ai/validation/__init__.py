"""The rules of the plan validator, one group a module."""
