/// Tests of the whole host: real plugin jars in a real drop-in folder, answers over HTTP.
@NullMarked
package org.tantra.it;

import org.jspecify.annotations.NullMarked;
