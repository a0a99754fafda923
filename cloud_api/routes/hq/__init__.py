"""The HTTP interface of headquarters, under /v1/hq."""
