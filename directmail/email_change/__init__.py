"""Another e-mail address for an account: asked for, confirmed by a link that only it was sent."""
