"""Ready kinds of promotions for HQ: a few figures and goods become a rule."""
