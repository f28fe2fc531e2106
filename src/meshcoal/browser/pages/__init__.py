"""The pages, one kind a class; `meshcoal.browser.book` lists them."""
