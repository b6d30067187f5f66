"""What people and programs read: decisions, diagnostics and reasons as text, JSON, Markdown and workflow commands.

A renderer takes values of the public API and yields text. It prints nothing, and knows of no terminal: its width and
the way to paint are handed in.
"""
