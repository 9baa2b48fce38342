"""How does structured data name the parts of an article? JSON, tables and XML."""
