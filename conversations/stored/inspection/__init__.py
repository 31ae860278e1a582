"""What a file is, found by its content in a process of its own with little memory and time: a picture or a
document can be made to take all of both. Imports nothing of the house.

    python -m conversations.stored.inspection SOURCE TARGET THUMBNAIL    # prints what was found as JSON
"""
