"""The pages' JSON twins and acts for scripts: a versioned API with an OpenAPI document."""
