package io.shopbridge.doctor;

import java.util.List;
import java.util.Map;
import java.util.Optional;

/** What one kind of CRM lets be asked about an account, and made in it. */
interface CrmSetup {

    /**
     * Looks at credentials, scopes, version and clock.
     *
     * @return whether it makes sense to look further
     */
    boolean account(Findings findings);

    /**
     * The account's fields of an object by name; empty where the object can't be looked at, which is among the
     * findings then.
     */
    Optional<Map<String, PresentField>> fields(String object, Findings findings);

    /** Makes fields that are missing, or prepares that; what can't be made is among the findings. */
    void create(String object, List<NeededField> missing, Findings findings);

    /** Whether two records could not get the same key; false where the CRM knows no unique fields at all. */
    boolean keepsUnique();
}
