package io.shopbridge.sandbox.server;

/** Ends the handling of a request with an error answer; nothing was written. */
public final class Refused extends RuntimeException {

    private final transient Answer answer;

    public Refused(Answer answer) {
        super("answered " + answer.status(), null, false, false);
        this.answer = answer;
    }

    public Answer answer() {
        return answer;
    }
}
