package io.shopbridge.sandbox;

import io.shopbridge.sandbox.crmone.SimulatedCrmOne;
import io.shopbridge.sandbox.hubspot.SimulatedHubSpot;
import io.shopbridge.sandbox.pipedrive.Company;
import io.shopbridge.sandbox.pipedrive.SimulatedPipedrive;
import io.shopbridge.sandbox.salesforce.SimulatedSalesforce;
import io.shopbridge.sandbox.server.Options;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;

/**
 * Runs simulated CRMs in a process of their own, in memory, until it is ended.
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
        SimulatedHubSpot hubSpot =
                SimulatedHubSpot.start(Integer.parseInt(value(given, "--hubspot-port", "8181")), options);
        SimulatedCrmOne crmOne =
                SimulatedCrmOne.start(Integer.parseInt(value(given, "--crm-one-port", "8182")), options);
        System.out.println("hubspot " + hubSpot.baseUrl());
        System.out.println("crm-one " + crmOne.baseUrl());
        String salesforcePort = value(given, "--salesforce-port", null);
        if (salesforcePort != null) {
            System.out.println("salesforce "
                    + SimulatedSalesforce.start(Integer.parseInt(salesforcePort), options).baseUrl());
        }
        String pipedrivePort = value(given, "--pipedrive-port", null);
        if (pipedrivePort != null) {
            System.out.println("pipedrive "
                    + SimulatedPipedrive.start(Integer.parseInt(pipedrivePort), options,
                            Company.defaults().withShopbridgeFields()).baseUrl());
        }
        Thread.currentThread().join();
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
