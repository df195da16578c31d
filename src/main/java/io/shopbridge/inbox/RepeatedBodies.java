package io.shopbridge.inbox;

/**
 * Topics of which two events may have the same body, such as a return that is closed, opened and closed again: their
 * bodies have no time of their own.
 */
@FunctionalInterface
public interface RepeatedBodies {

    /** Whether an equal body with another time of trigger is another event, and not a duplicate. */
    boolean mayRepeat(String topic);
}
