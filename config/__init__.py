"""The choices: settings from the environment, the organisation, and the law and the authorities as dated data."""
