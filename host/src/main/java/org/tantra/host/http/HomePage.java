package org.tantra.host.http;

import org.tantra.host.Host;

/// The page at `/`: says what answers here and names the routes.
final class HomePage {
  private HomePage() {}

  static String of(Router router) {
    StringBuilder page = new StringBuilder();
    page.append(
        """
        <!doctype html>
        <html lang="en">
        <head><meta charset="utf-8"><title>Tantra Host</title></head>
        <body>
        <h1>Tantra Host %s</h1>
        <p>It is running. OpenAI clients take the address of this page with <code>/v1</code> as their
        base URL.</p>
        <ul>
        """
            .formatted(Host.VERSION));
    for (String name : router.names()) {
      String path = name.substring(name.indexOf(' ') + 1);
      boolean link = name.startsWith("GET ") && !path.contains("{");
      page.append("<li><code>")
          .append(link ? "GET <a href=\"" + path + "\">" + path + "</a>" : name)
          .append("</code></li>\n");
    }
    return page.append("</ul>\n</body>\n</html>\n").toString();
  }
}
