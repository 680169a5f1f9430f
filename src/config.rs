//! The YAML file, turned into the settings of every room below. No room imports this one.
