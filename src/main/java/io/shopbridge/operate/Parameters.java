package io.shopbridge.operate;

import java.nio.charset.StandardCharsets;
import java.time.DateTimeException;
import java.time.Instant;
import java.time.LocalDate;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.util.Base64;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;

import jakarta.servlet.http.HttpServletRequest;

/** Validates all request parameters: what passes here is safe for PostgreSQL. */
final class Parameters {

    static final int MOST = 500;

    private static final String SINCE = "since";
    private static final String UNTIL = "until";
    private static final int LONGEST = 1_000;
    private static final int FIRST_YEAR = 1;
    private static final int LAST_YEAR = 9999;
    private static final Instant FIRST_TIME = LocalDate.of(FIRST_YEAR, 1, 1).atStartOfDay().toInstant(ZoneOffset.UTC);

    private Parameters() {
    }

    /**
     * Refuses unknown parameters, because a misspelled filter would silently give everything, and texts that no record
     * can have.
     *
     * @throws Problem with the parameter's name and what is legal
     */
    static void check(HttpServletRequest request, Set<String> known) {
        for (Map.Entry<String, String[]> parameter : request.getParameterMap().entrySet()) {
            String name = parameter.getKey();
            if (!known.contains(name)) {
                throw Problem.badParameter("There is no parameter \"" + printable(name) + "\"; " + (known.isEmpty()
                        ? "this call has none, only what is in its body, if it has one."
                        : "there are " + String.join(", ", new TreeSet<>(known)) + "."));
            }
            if (parameter.getValue().length > 1) {
                throw Problem.badParameter(name + " is given " + parameter.getValue().length
                        + " times; give it once.");
            }
            text(name, parameter.getValue()[0]);
        }
        if (known.contains(SINCE) && known.contains(UNTIL)) {
            inOrder(request.getParameter(SINCE), request.getParameter(UNTIL));
        }
    }

    /** Between such times is nothing, and nothing would look as if nothing had happened. */
    private static void inOrder(String since, String until) {
        if (since != null && until != null && !time(SINCE, since).isBefore(time(UNTIL, until))) {
            throw Problem.badParameter("since is \"" + since + "\", which is not before until, \"" + until + "\".");
        }
    }

    private static void text(String name, String value) {
        if (value.length() > LONGEST) {
            throw Problem.badParameter(name + " has " + value.length() + " characters; at most " + LONGEST + " are"
                    + " allowed.");
        }
        if (!printable(value).equals(value)) {
            throw Problem.badParameter(name + " is \"" + printable(value)
                    + "\"; control characters and half characters, shown here as \ufffd, are not allowed.");
        }
    }

    private static String printable(String text) {
        return text.replaceAll("[\\p{Cc}\\p{Cs}]", "\ufffd");
    }

    /** @throws Problem unless it is a time with its offset, in a year that PostgreSQL and people know */
    static OffsetDateTime time(String name, String value) {
        try {
            OffsetDateTime time = OffsetDateTime.parse(value);
            if (isOrdinary(time)) {
                return time;
            }
        } catch (DateTimeException e) {
            // Refused below, like a year out of range.
        }
        throw Problem.badParameter(name + " is \"" + value + "\"; it must be a time with its offset, as in"
                + " 2026-11-20T09:30:00Z, of the years " + FIRST_YEAR + " to " + LAST_YEAR + ".");
    }

    /** @throws Problem unless the time of a body, if there is one, is in such a year and not in the future */
    static void past(String name, Instant time) {
        // As instants: what Java's oldest one is, no OffsetDateTime can be.
        if (time != null && (time.isAfter(Instant.now()) || time.isBefore(FIRST_TIME))) {
            throw Problem.badParameter(name + " is " + time + "; it must be a time that is over, of the year " + FIRST_YEAR
                    + " or later.");
        }
    }

    private static boolean isOrdinary(OffsetDateTime time) {
        int year = time.withOffsetSameInstant(ZoneOffset.UTC).getYear();
        return year >= FIRST_YEAR && year <= LAST_YEAR;
    }

    /** @throws Problem unless it is a number of rows that a page may have */
    static int limit(String value) {
        if (value == null) {
            return 50;
        }
        try {
            int limit = Integer.parseInt(value);
            if (limit >= 1 && limit <= MOST) {
                return limit;
            }
        } catch (NumberFormatException e) {
            // Refused below, like a number out of range.
        }
        throw Problem.badParameter("limit is \"" + value + "\"; it can be 1 to " + MOST + ".");
    }

    /** @throws Problem unless a page gave it */
    static Cursor cursor(String value) {
        try {
            String[] parts = new String(Base64.getUrlDecoder().decode(value), StandardCharsets.US_ASCII).split(" ", 2);
            Cursor cursor = Cursor.of(Instant.parse(parts[0]), Long.parseLong(parts[1]));
            if (isOrdinary(cursor.at())) {
                return cursor;
            }
        } catch (IllegalArgumentException | DateTimeException | ArrayIndexOutOfBoundsException e) {
            // Refused below, like a time out of range.
        }
        throw Problem.badParameter("cursor is not one from an answer of this API; leave it out to begin with the"
                + " newest.");
    }
}
