"""The web door: for now what a supervisor and a monitor ask; pages and the API with log-in come behind it."""
