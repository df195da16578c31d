package io.shopbridge.sandbox.server;

import com.fasterxml.jackson.databind.JsonNode;
import java.time.Duration;
import java.util.Optional;

/**
 * What goes wrong on purpose. Set in code, or by {@code POST /sandbox/faults} on the simulator's own port with any of
 * <pre>
 * {"latency-ms": 50}                                              every call takes this much longer, until cleared
 * {"answer": {"status": 429, "retry-after": 2, "times": 3}}       the next calls are answered so and change nothing;
 *                                                                 with "path": only those whose path contains it
 * {"lose-answers": 2}                                             the next writes are applied, then the connection
 *                                                                 is closed without an answer
 * {"hang-ms": 30000, "times": 1}                                  the next calls are applied and answered this late
 * </pre>
 * and taken back by {@code DELETE /sandbox/faults}.
 */
public final class Faults {

    public record FaultyAnswer(int status, Integer retryAfter) {
    }

    private volatile long latencyMillis;
    private FaultyAnswer answer;
    private int answers;
    private String answerPath = "";
    private int lost;
    private String lostPath;
    private long hangMillis;
    private int hangs;

    public Faults latency(Duration value) {
        latencyMillis = value.toMillis();
        return this;
    }

    /** @param retryAfter seconds for the Retry-After header; null sends none */
    public Faults answer(int status, Integer retryAfter, int times) {
        return answer(status, retryAfter, times, "");
    }

    /** As {@link #answer(int, Integer, int)}, only for calls whose path contains {@code path}. */
    public synchronized Faults answer(int status, Integer retryAfter, int times, String path) {
        answer = new FaultyAnswer(status, retryAfter);
        answers = times;
        answerPath = path;
        return this;
    }

    public synchronized Faults loseAnswers(int times) {
        return loseAnswers(times, null);
    }

    /** As {@link #loseAnswers(int)}, of reads too, only for calls whose path contains {@code path}. */
    public synchronized Faults loseAnswers(int times, String path) {
        lost = times;
        lostPath = path;
        return this;
    }

    public synchronized Faults hang(Duration value, int times) {
        hangMillis = value.toMillis();
        hangs = times;
        return this;
    }

    public synchronized Faults clear() {
        latencyMillis = 0;
        answers = 0;
        lost = 0;
        hangs = 0;
        return this;
    }

    public void set(JsonNode wanted) {
        if (wanted.has("latency-ms")) {
            latency(Duration.ofMillis(wanted.get("latency-ms").asLong()));
        }
        if (wanted.has("lose-answers")) {
            loseAnswers(wanted.get("lose-answers").asInt());
        }
        if (wanted.has("hang-ms")) {
            hang(Duration.ofMillis(wanted.get("hang-ms").asLong()), wanted.path("times").asInt(1));
        }
        JsonNode faulty = wanted.path("answer");
        if (faulty.isObject()) {
            Integer retryAfter = faulty.has("retry-after") ? faulty.get("retry-after").asInt() : null;
            answer(faulty.path("status").asInt(500), retryAfter, faulty.path("times").asInt(1),
                    faulty.path("path").asText(""));
        }
    }

    public synchronized JsonNode state() {
        return Json.object().put("latency-ms", latencyMillis).put("answers-left", answers)
                .put("lose-answers", lost).put("hangs-left", hangs);
    }

    public long latencyMillis() {
        return latencyMillis;
    }

    public synchronized Optional<FaultyAnswer> takeAnswer(String path) {
        if (answers <= 0 || !path.contains(answerPath)) {
            return Optional.empty();
        }
        answers--;
        return Optional.of(answer);
    }

    public synchronized boolean takeLoss(String path, boolean wrote) {
        if (lost <= 0 || !(lostPath == null ? wrote : path.contains(lostPath))) {
            return false;
        }
        lost--;
        return true;
    }

    public synchronized long takeHang() {
        if (hangs <= 0) {
            return 0;
        }
        hangs--;
        return hangMillis;
    }
}
