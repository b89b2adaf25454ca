"""Vampbridge."""
