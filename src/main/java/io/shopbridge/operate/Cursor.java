package io.shopbridge.operate;

import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.util.Base64;

/** The row that a page ended with, in the order "at DESC, id DESC". */
record Cursor(OffsetDateTime at, long id) {

    static Cursor of(Instant at, long id) {
        return new Cursor(at.atOffset(ZoneOffset.UTC), id);
    }

    /** As {@link Parameters#cursor} reads it. */
    String text() {
        return Base64.getUrlEncoder().withoutPadding()
                .encodeToString((at.toInstant() + " " + id).getBytes(StandardCharsets.US_ASCII));
    }
}
