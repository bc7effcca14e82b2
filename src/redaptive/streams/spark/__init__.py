"""The stream worker's kernel on Spark, for those who outgrow one machine (extra `spark`, Java 17)."""
