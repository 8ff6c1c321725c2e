"""The WSGI application that servers and `flask --app wsgi` load."""

from marketplace import create_app

app = create_app()
