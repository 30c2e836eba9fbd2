/// The HTTP door: OpenAI's routes, health, metrics and administration over one
/// [org.tantra.host.Host].
///
/// [HttpServer] opens it. A request passes the [Front] (request id, CORS, keys, errors), the
/// [Router], and one class per route, which parses, calls the host and renders; nothing here
/// decides who answers. [Connection] notices clients that leave, [Gate] bounds how many requests
/// are inside, and [ErrorTable] turns an error into a status and a body.
@NullMarked
package org.tantra.host.http;

import org.jspecify.annotations.NullMarked;
