"""When rounds begin: by rules of the calendar and by promises, foreseen with batteries, and recorded when missed."""
