package io.shopbridge.sandbox;

import io.shopbridge.sandbox.crmone.SimulatedCrmOne;
import io.shopbridge.sandbox.hubspot.SimulatedHubSpot;
import io.shopbridge.sandbox.pipedrive.Company;
import io.shopbridge.sandbox.pipedrive.SimulatedPipedrive;
import io.shopbridge.sandbox.salesforce.SimulatedSalesforce;
import io.shopbridge.sandbox.server.Options;
import io.shopbridge.sandbox.server.SimulatedCrm;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Runs simulated CRMs in a process of their own, in memory, until it is ended, set up for the mappings of the working
 * directory.
 * Arguments: {@code --hubspot-port=8181 --crm-one-port=8182} (0 takes a free port), {@code --salesforce-port=…} and
 * {@code --pipedrive-port=…} (these two run only where their port is given), {@code --latency-ms=50},
 * {@code --unlimited} (no rate limits), {@code --token=…}. Prints one line a CRM, such as
 * {@code hubspot http://localhost:8181}.
 */
public final class SimulatedCrms {

    private static final List<String> KNOWN =
            List.of("--hubspot-port", "--crm-one-port", "--salesforce-port", "--pipedrive-port", "--latency-ms",
                    "--unlimited", "--token");

    private SimulatedCrms() {
    }

    public static void main(String[] args) throws InterruptedException {
        List<String> given = Arrays.asList(args);
        for (String one : given) {
            if (one.startsWith("--") && !KNOWN.contains(one.split("=", 2)[0])) {
                System.err.println("Unknown argument " + one + "; known are " + KNOWN);
                System.exit(2);
            }
        }
        Options options = Options.defaults()
                .withToken(value(given, "--token", Options.DEFAULT_TOKEN))
                .withLatency(Duration.ofMillis(Long.parseLong(value(given, "--latency-ms", "0"))));
        if (given.contains("--unlimited")) {
            options = options.unlimited();
        }
        String salesforce = value(given, "--salesforce-port", null);
        String pipedrive = value(given, "--pipedrive-port", null);
        Map<String, SimulatedCrm> crms = new LinkedHashMap<>();
        crms.put("hubspot", SimulatedHubSpot.start(Integer.parseInt(value(given, "--hubspot-port", "8181")), options));
        crms.put("crm-one", SimulatedCrmOne.start(Integer.parseInt(value(given, "--crm-one-port", "8182")), options));
        if (salesforce != null) {
            crms.put("salesforce", SimulatedSalesforce.start(Integer.parseInt(salesforce), options));
        }
        if (pipedrive != null) {
            crms.put("pipedrive", SimulatedPipedrive.start(Integer.parseInt(pipedrive), options, Company.defaults()));
        }
        setUp(crms, options.token());
        crms.forEach((name, crm) -> System.out.println(name + " " + crm.baseUrl()));
        Thread.currentThread().join();
    }

    private static void setUp(Map<String, SimulatedCrm> crms, String token) {
        List<String> settings = new ArrayList<>();
        crms.forEach((name, crm) -> {
            String prefix = "--shopbridge.crms." + name + ".";
            settings.add(prefix + "base-url=" + crm.baseUrl());
            if (crm instanceof SimulatedSalesforce) {
                settings.add(prefix + "client-id=" + SimulatedSalesforce.CLIENT_ID);
                settings.add(prefix + "client-secret=" + token);
            } else {
                settings.add(prefix + "token=" + token);
            }
        });
        SandboxAccounts.setUp(settings);
    }

    // Both "--port=1" and "--port 1" are understood.
    private static String value(List<String> args, String name, String otherwise) {
        for (int i = 0; i < args.size(); i++) {
            if (args.get(i).startsWith(name + "=")) {
                return args.get(i).substring(name.length() + 1);
            }
            if (args.get(i).equals(name) && i + 1 < args.size()) {
                return args.get(i + 1);
            }
        }
        return otherwise;
    }
}
