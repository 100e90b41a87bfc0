"""The way in: data sets out of whatever the user has."""
