package io.shopbridge.doctor;

import io.shopbridge.doctor.NeededField.Kind;
import java.util.List;
import java.util.Set;

/**
 * A field that an account has.
 *
 * @param kinds    what it can hold
 * @param type     the CRM's own word for that
 * @param unique   whether no two records can have the same value
 * @param choices  the values it takes; empty for any
 * @param readOnly whether the CRM refuses to have it written
 */
record PresentField(Set<Kind> kinds, String type, boolean unique, List<String> choices, boolean readOnly) {
}
