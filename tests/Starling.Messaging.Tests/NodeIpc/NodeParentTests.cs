using System.Diagnostics;

namespace Starling.Messaging.Tests.NodeIpc;

/// <summary>This program is the child of unmodified Node.js.</summary>
public sealed class NodeParentTests
{
    private const string Begin = """
        const { spawn } = require('child_process'), net = require('net');
        const options = { stdio: ['ignore', 'inherit', 'inherit', 'ipc'], env: { ...process.env, STARLING_TEST_CHANNEL_PEER: '1' } };
        const child = spawn(process.argv[1], [], { ...options, serialization: process.argv[2] });
        const fail = text => { console.log(text); child.kill('SIGKILL'); process.exit(1); };
        child.on('error', e => fail('' + e));
        const next = () => new Promise(done => child.once('message', (m, h) => done([m, h])));
        const read = s => new Promise(done => { let t = ''; s.on('data', d => t += d); s.on('end', () => done(t)); s.on('error', e => done('' + e)); });
        const expect = (actual, expected) => JSON.stringify(actual) === JSON.stringify(expected) || fail(`${JSON.stringify(actual)} instead of ${JSON.stringify(expected)}`);
        const exited = new Promise(done => child.on('exit', (code, signal) => done(code ?? signal)));
        (async () => {
          if (process.argv[2] !== 'advanced') expect((await next())[0], 'ready');
        """;

    private const string End = """

        })().catch(e => fail(e.stack));
        """;

    [Fact]
    public Task Messages_and_the_parents_disconnect() => RunAsync("""
        const long = 'é'.repeat(300000);
        for (const m of [1, 'a', null, { a: [long] }, true]) {
          child.send(m);
          expect((await next())[0], { got: m });
        }
        child.disconnect();
        expect(await exited, 42);
        """);

    [Fact]
    public Task The_childs_disconnect() => RunAsync("""
        const gone = new Promise(done => child.on('disconnect', done));
        child.send('leave');
        expect((await next())[0], 'bye');
        await gone;
        expect(await exited, 5);
        """);

    [Fact]
    public Task Listening_sockets_and_connections_to_the_child_and_back() => RunAsync("""
        const server = net.createServer({ pauseOnConnect: true }).listen(0, '127.0.0.1');
        await new Promise(done => server.on('listening', done));
        const port = server.address().port;
        for (let i = 0; i < 3; i++) {
          const client = net.connect(port, '127.0.0.1'), text = read(client);
          const [connection] = await new Promise(done => server.once('connection', s => done([s])));
          child.send('connection', connection);
          expect(await text, 'from C#');
        }
        const client = net.connect(port, '127.0.0.1'), text = read(client);
        const connection = await new Promise(done => server.once('connection', done));
        child.send('back', connection);
        const [message, socket] = await next();
        expect(message, 'returned');
        socket.end('from Node');
        expect(await text, 'from Node');
        // Waits for the child to say that it has closed the connections that it was handed.
        await new Promise(done => server.close(done));

        const shared = net.createServer(() => fail('accepted here')).listen(0, '127.0.0.1');
        await new Promise(done => shared.on('listening', done));
        const address = shared.address();
        child.send('server', shared);
        shared.close();
        expect(await read(net.connect(address.port, '127.0.0.1')), 'from C#');
        child.kill('SIGKILL');
        expect(await exited, 'SIGKILL');
        """);

    [Fact]
    public Task Another_serialization_is_refused_with_words() => RunAsync("expect(await exited, 3);", "advanced");

    private static async Task RunAsync(string script, string serialization = "json")
    {
        using var process = Process.Start(new ProcessStartInfo("node", ["-e", Begin + script + End, Environment.ProcessPath!, serialization])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        })!;
        try
        {
            var output = process.StandardOutput.ReadToEndAsync();
            var errors = process.StandardError.ReadToEndAsync();
            await process.WaitForExitAsync(TestContext.Current.CancellationToken).WaitAsync(ChannelChild.Limit);
            var text = await output + await errors;
            Assert.True(process.ExitCode == 0, text);
            Assert.Equal(serialization == "advanced", text.Contains("only 'json' is spoken here", StringComparison.Ordinal));
        }
        finally
        {
            if (!process.HasExited)
            {
                process.Kill(entireProcessTree: true);
            }
        }
    }
}
