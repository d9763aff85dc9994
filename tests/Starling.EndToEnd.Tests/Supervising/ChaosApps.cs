namespace Starling.EndToEnd.Tests.Supervising;

/// <summary>The applications of the chaos run.</summary>
internal static class ChaosApps
{
    /// <summary>Sends messages of every form, wrong ones of the supervisor's own forms among them, for as long as it lives.</summary>
    private const string Noisy = """
        process.on('message', () => 0);
        const deep = JSON.parse('['.repeat(1500) + ']'.repeat(1500));
        const forms = [null, true, 0, -1e308, '', '\ud800', [], {}, deep, { type: 1 }, { type: {} }, { type: '\udfff' }, { '\ud800': 1 }, 'x'.repeat(100_000), 'x'.repeat(17 * 1024 * 1024),
          { type: 'starling:connections', taken: 'a', open: [] }, { type: 'starling:drain' }, { cmd: 'STARLING_ROUTE' }, { cmd: 'STARLING_ROUTE', to: '\ud800', message: 1 },
          { cmd: 'STARLING_ROUTE', to: 'plain', message: { a: 1 } }, { cmd: 'NODE_CLUSTER', act: 1, ack: 'x', seq: [] }, { cmd: 'NODE_HANDLE', type: 1 }, { cmd: 'NODE_SOCKET_GET_COUNT', key: 1 }];
        let n = 0;
        setInterval(() => { console.log('tick', n); if (process.connected) process.send(forms[n++ % forms.length], () => {}); }, 40);
        """;

    private const string Site = "require('node:http').createServer((request, response) => response.end('ok')).listen(0, '127.0.0.1');";

    /// <summary>Starts an application again and again, from inside of itself.</summary>
    private static string Nest(string host) => $$"""
        const { spawn } = require('node:child_process');
        const again = () => spawn('dotnet', [{{System.Text.Json.JsonSerializer.Serialize(host)}}, 'start', 'inner.json'], { stdio: 'ignore' }).on('exit', () => setTimeout(again, 2000));
        again();
        """;

    /// <summary>Writes them, and gives the path of their process file.</summary>
    public static string Write(SupervisorHome home)
    {
        home.Write("noisy.js", Noisy);
        home.Write("site.js", Site);
        home.Write("nest.js", Nest(Hosts.Repository.Host));
        home.Write("plain.sh", "while :; do echo line; sleep 0.5; done");
        home.Write("inner.json", """{ "apps": [ { "name": "inner", "script": "plain.sh", "min_uptime": 100, "max_restarts": 1000000 } ] }""");
        return home.Write("chaos.json", """
            { "apps": [
              { "name": "noisy", "script": "noisy.js", "instances": 2, "exec_mode": "fork", "min_uptime": 100, "max_restarts": 1000000, "kill_timeout": 500 },
              { "name": "site", "script": "site.js", "instances": 2, "min_uptime": 100, "max_restarts": 1000000, "listen_timeout": 3000 },
              { "name": "plain", "script": "plain.sh", "instances": 2, "min_uptime": 100, "max_restarts": 1000000 },
              { "name": "alone", "script": "plain.sh", "exclusive": true, "min_uptime": 100, "max_restarts": 1000000 },
              { "name": "nest", "script": "nest.js", "min_uptime": 100, "max_restarts": 1000000 }
            ] }
            """);
    }
}
