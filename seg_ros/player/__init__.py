"""Pictures, films, webcams and recordings become a camera."""
