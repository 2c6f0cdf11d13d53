"""What parts of the product cost beside the least that they could cost. One module for each `manage.py bench`."""
