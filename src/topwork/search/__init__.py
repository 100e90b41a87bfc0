"""From the probe upwards, as long as it pays and there is time."""
