package io.shopbridge.command;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.PrintWriter;
import java.time.Duration;
import java.util.function.Function;

/** Shows how far something is that a running instance does. */
final class Watch {

    private static final Duration BETWEEN_LOOKS = Duration.ofSeconds(1);

    private Watch() {
    }

    /** One look at it. */
    @FunctionalInterface
    interface Look {
        JsonNode look() throws Operator.Refused, InterruptedException;
    }

    /** Prints its line each time that this is another one, and gives it as soon as it is no longer in this state. */
    static JsonNode until(String state, Look look, Function<JsonNode, String> line, PrintWriter out)
            throws Operator.Refused, InterruptedException {
        String before = "";
        while (true) {
            JsonNode now = look.look();
            String text = line.apply(now);
            if (!text.equals(before)) {
                out.println(text);
                out.flush();
                before = text;
            }
            if (!now.path("state").asText().equals(state)) {
                return now;
            }
            Thread.sleep(BETWEEN_LOOKS.toMillis());
        }
    }
}
