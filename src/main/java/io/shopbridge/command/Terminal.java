package io.shopbridge.command;

import java.lang.reflect.Method;
import org.apache.commons.lang3.reflect.MethodUtils;

/** Whether a person watches the output of a command. */
final class Terminal {

    private Terminal() {
    }

    /** Not where the output, or the input, is a pipe or a file. */
    static boolean isThere() {
        return isOne(System.console());
    }

    /**
     * Most versions of Java have a console only at a terminal. From 22 to 24 there is always one, which says what it is by
     * a method that Java 17 does not have.
     *
     * @see <a href="https://bugs.java.com/bugdatabase/view_bug?bug_id=8361911">JDK-8361911, with a list of versions</a>
     */
    static boolean isOne(Object console) {
        if (console == null) {
            return false;
        }
        Method isTerminal = MethodUtils.getMatchingAccessibleMethod(console.getClass(), "isTerminal");
        try {
            return isTerminal == null || Boolean.TRUE.equals(isTerminal.invoke(console));
        } catch (ReflectiveOperationException e) {
            return false;       // lines for each step can be read anywhere
        }
    }
}
