"""The pages, one module each: rows of the generation to what its template shows."""
