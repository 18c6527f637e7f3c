"""The page that shows the service's description: Swagger UI, served by the service itself.

It needs no sign-in: it holds nothing secret. A key or a token that somebody enters there stays in the page.
"""

from importlib import resources

from fastapi import FastAPI, Response

ASSETS = "fastapi_swagger.resources"
"""The package with the unchanged files of Swagger UI; none of its code is used."""
KINDS = {"swagger-ui-bundle.js": "text/javascript", "swagger-ui.css": "text/css", "favicon-32x32.png": "image/png"}
HEADERS = {
    "Content-Security-Policy": "; ".join(
        (
            "default-src 'none'",
            "script-src 'self'",
            "style-src 'self'",
            "img-src 'self' data:",
            "connect-src 'self'",
            "base-uri 'none'",
            "form-action 'none'",
            "frame-ancestors 'none'",
        )
    ),
    "Referrer-Policy": "no-referrer",
}
PAGE = """<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Complaints: the HTTP service</title>
<link rel="icon" href="docs/favicon-32x32.png">
<link rel="stylesheet" href="docs/swagger-ui.css">
</head>
<body>
<div id="swagger-ui"></div>
<noscript>Without scripts, read <a href="openapi.json">the description itself</a>.</noscript>
<script src="docs/swagger-ui-bundle.js"></script>
<script src="docs/start.js"></script>
</body>
</html>
"""
START = """SwaggerUIBundle({
  url: "openapi.json",
  dom_id: "#swagger-ui",
  deepLinking: true,
  filter: true,
  validatorUrl: null,
});
"""


def add_docs(app: FastAPI) -> None:
    def serve(path: str, content: bytes, kind: str) -> None:
        async def answer() -> Response:
            return Response(content, headers=HEADERS, media_type=kind)

        app.add_api_route(path, answer, response_class=Response, include_in_schema=False)

    serve("/docs", PAGE.encode(), "text/html")
    serve("/docs/start.js", START.encode(), "text/javascript")
    for name, kind in KINDS.items():
        serve(f"/docs/{name}", resources.files(ASSETS).joinpath(name).read_bytes(), kind)
