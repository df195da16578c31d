package io.shopbridge.map;

import com.fasterxml.jackson.databind.JsonNode;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import net.thisptr.jackson.jq.Expression;
import net.thisptr.jackson.jq.Scope;
import net.thisptr.jackson.jq.exception.JsonQueryException;
import net.thisptr.jackson.jq.internal.misc.OnigUtils;
import org.joni.Matcher;
import org.joni.Option;
import org.joni.exception.TimeoutException;

/**
 * Tries a regular expression with a time limit before jackson-jq uses it, because there it can't be stopped: on thirty
 * letters, {@code (a+)+$} never ends. Patterns are cached, so that this costs less than the evaluation.
 */
final class BoundedPattern {

    private static final Duration LONGEST = Duration.ofSeconds(1);
    private static final int KEPT = 1000;
    private static final ConcurrentMap<List<String>, OnigUtils.Pattern> PATTERNS = new ConcurrentHashMap<>();

    private BoundedPattern() {
    }

    /** Looks for everything that a function of jq would find in this input. */
    static void check(Scope scope, Expression pattern, Expression flags, JsonNode in) throws JsonQueryException {
        if (!in.isTextual()) {
            return;
        }
        byte[] text = in.textValue().getBytes(StandardCharsets.UTF_8);
        pattern.apply(scope, in, regex -> flags.apply(scope, in, letters -> {
            if (regex.isTextual()) {
                match(regex.textValue(), letters.isTextual() ? letters.textValue() : "", text);
            }
        }));
    }

    private static void match(String regex, String flags, byte[] text) throws JsonQueryException {
        OnigUtils.Pattern pattern = pattern(regex, flags);
        Allowance allowance = Allowance.current();
        long deadline = System.nanoTime() + LONGEST.toNanos();
        int offset = 0;
        do {
            // The time that is left becomes a matcher's own; a timeout of 0 would be none at all.
            Matcher matcher = pattern.regex.matcher(text, 0, text.length, Math.max(1, deadline - System.nanoTime()));
            try {
                if (matcher.searchInterruptible(offset, text.length, Option.NONE) < 0) {
                    return;
                }
            } catch (TimeoutException e) {
                throw allowance.exceeded("takes more than " + LONGEST.toSeconds() + " s to look for \"" + regex + "\"");
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                throw allowance.exceeded("was interrupted");
            }
            allowance.match(pattern.names.length);
            offset = matcher.getEnd() == offset ? offset + 1 : matcher.getEnd();
        } while (pattern.global && offset < text.length);
    }

    private static OnigUtils.Pattern pattern(String regex, String flags) throws JsonQueryException {
        List<String> key = List.of(regex, flags);
        OnigUtils.Pattern known = PATTERNS.get(key);
        if (known != null) {
            return known;
        }
        if (PATTERNS.size() >= KEPT) {
            // A mapping's patterns are few; so many are made out of records.
            PATTERNS.clear();
        }
        OnigUtils.Pattern pattern = new OnigUtils.Pattern(regex, flags);
        PATTERNS.put(key, pattern);
        return pattern;
    }
}
