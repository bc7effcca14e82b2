"""Money over time: rates of return, project cash flows, depreciation."""
