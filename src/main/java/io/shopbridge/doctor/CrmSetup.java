package io.shopbridge.doctor;

import io.shopbridge.crm.Crm;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.ServiceLoader;

/** What a CRM lets be asked about an account, and made in it. */
public interface CrmSetup {

    /** Of CRMs with a protocol of their own; found by {@link ServiceLoader}. */
    interface Factory {

        /**
         * @param directory where it writes what calls can't create
         * @return empty for a CRM of another protocol
         */
        Optional<CrmSetup> of(Crm crm, Path directory);
    }

    /** The one that knows the protocol of a CRM, or else the one that goes by crm.yaml alone. */
    static CrmSetup of(Crm crm, Path directory) {
        return ServiceLoader.load(Factory.class, CrmSetup.class.getClassLoader()).stream()
                .flatMap(factory -> factory.get().of(crm, directory).stream()).findFirst()
                .orElseGet(() -> new RestSetup(crm));
    }

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
}
