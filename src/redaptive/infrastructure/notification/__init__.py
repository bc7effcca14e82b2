"""Messages to people: e-mail, webhook, SMS behind one interface."""
