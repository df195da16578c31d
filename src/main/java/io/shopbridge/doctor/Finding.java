package io.shopbridge.doctor;

/**
 * One result of a check.
 *
 * @param level whether something must be done
 * @param about the store or CRM, as {@code store main} or {@code crm hubspot}
 * @param what  what was found; never a secret
 * @param todo  what to do; null where nothing is to be done
 */
public record Finding(Level level, String about, String what, String todo) {

    /** How bad it is. */
    public enum Level {
        /** As it should be. */
        OK,
        /** Works, but a person should know. */
        NOTE,
        /** Records will not get where they should. */
        PROBLEM
    }

    @Override
    public String toString() {
        return String.format("%-7s %s: %s%s", level, about, what, todo == null ? "" : "; " + todo);
    }
}
