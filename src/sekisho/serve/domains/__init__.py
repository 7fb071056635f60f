"""The endpoints of a user pool's domain: token, authorization, login, logout, user information, revocation."""
