using System.Net.Quic;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Authentication;

namespace Starling.Messaging.Tests.Links;

public sealed class ListeningTests : IDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("starling-listen");

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    private string SocketPath => Path.Combine(_folder.FullName, "s");

    private string SocketAddress => "unix://" + SocketPath;

    public void Dispose() => _folder.Delete(recursive: true);

    [Fact]
    public async Task The_socket_of_a_killed_process_is_replaced()
    {
        // Binding and closing without unlinking is what a kill leaves.
        using (var killed = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified))
        {
            killed.Bind(new UnixDomainSocketEndPoint(SocketPath));
            killed.Listen();
        }

        if (!File.Exists(SocketPath))
        {
            // The runtime removes the file of a socket that it closes in order; the kernel does not.
            using var left = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
            left.Bind(new UnixDomainSocketEndPoint(SocketPath + ".moved"));
            File.Move(SocketPath + ".moved", SocketPath);
        }

        Assert.True(File.Exists(SocketPath));
        await using var server = await RpcServer.StartAsync(SocketAddress, Services(), cancellationToken: Stop);
        await using var client = await RpcClient.ConnectAsync(SocketAddress, cancellationToken: Stop);
        Assert.Equal(1, await client.InvokeAsync<int>("one", [], null, Stop));
    }

    [Fact]
    public async Task A_killed_process_is_replaced_and_its_clients_go_on()
    {
        RpcClient client;
        Task<bool> pending;
        await using (var node = NodeProcess.Start("server.mjs", SocketPath))
        {
            await node.ReadLineAsync();
            client = await RpcClient.ConnectAsync(SocketAddress, null, new MessagingOptions { ReconnectDelay = TimeSpan.FromMilliseconds(10) }, Stop);
            Assert.Equal(3, await client.GetService<ICalculator>().AddAsync(1, 2));
            pending = client.GetService<ICalculator>().WaitAsync(CancellationToken.None);

            // Disposal kills it without a word, so the file stays behind.
        }

        await using var disposal = client;
        await Assert.ThrowsAsync<ConnectionLostException>(() => pending).WaitAsync(TimeSpan.FromSeconds(10), Stop);
        Assert.True(File.Exists(SocketPath));
        await using var heir = await RpcServer.StartAsync(SocketAddress, new RpcServices().Add<ICalculator>(new Calculator()), cancellationToken: Stop);
        Assert.Equal(7, await client.GetService<ICalculator>().AddAsync(3, 4));
    }

    [Fact]
    public async Task A_socket_that_is_in_use_is_left_alone()
    {
        await using var server = await RpcServer.StartAsync(SocketAddress, Services(), cancellationToken: Stop);
        var failure = await Assert.ThrowsAsync<IOException>(() => RpcServer.StartAsync(SocketAddress, Services(), cancellationToken: Stop));
        Assert.Contains("Another process is listening on " + SocketPath, failure.Message, StringComparison.Ordinal);
        await using var client = await RpcClient.ConnectAsync(SocketAddress, cancellationToken: Stop);
        Assert.Equal(1, await client.InvokeAsync<int>("one", [], null, Stop));
    }

    [Fact]
    public async Task A_server_that_closes_leaves_the_socket_of_its_successor_alone()
    {
        for (var round = 0; round < 100; round++)
        {
            var former = await RpcServer.StartAsync(SocketAddress, Services(), cancellationToken: Stop);
            var closing = Task.Run(async () => await former.DisposeAsync(), Stop);
            RpcServer? successor = null;
            for (var attempt = 0; successor is null; attempt++)
            {
                try
                {
                    successor = await RpcServer.StartAsync(SocketAddress, Services(), cancellationToken: Stop);
                }
                catch (IOException) when (attempt < 1_000)
                {
                    // The former one listens still.
                }
            }

            await closing;
            Assert.True(File.Exists(SocketPath), $"no socket in round {round}");
            await using var client = await RpcClient.ConnectAsync(SocketAddress, cancellationToken: Stop);
            Assert.Equal(1, await client.InvokeAsync<int>("one", [], null, Stop));
            await successor.DisposeAsync();
        }
    }

    [Fact]
    public async Task A_server_whose_socket_was_removed_keeps_its_address()
    {
        await using (await RpcServer.StartAsync(SocketAddress, Services(), cancellationToken: Stop))
        {
            File.Delete(SocketPath);
            var failure = await Assert.ThrowsAsync<IOException>(() => RpcServer.StartAsync(SocketAddress, Services(), cancellationToken: Stop));
            Assert.Contains("is held by another server", failure.Message, StringComparison.Ordinal);
        }

        await using var successor = await RpcServer.StartAsync(SocketAddress, Services(), cancellationToken: Stop);
        Assert.True(File.Exists(SocketPath));
    }

    [Theory]
    [InlineData("")]
    [InlineData("precious")]
    public async Task A_file_that_is_no_socket_is_left_alone(string content)
    {
        await File.WriteAllTextAsync(SocketPath, content, Stop);
        var failure = await Assert.ThrowsAsync<IOException>(() => RpcServer.StartAsync(SocketAddress, Services(), cancellationToken: Stop));
        Assert.Contains("is no socket", failure.Message, StringComparison.Ordinal);
        Assert.Equal(content, await File.ReadAllTextAsync(SocketPath, Stop));
    }

    [Fact]
    public async Task A_unix_socket_is_its_owners_and_goes_with_the_server()
    {
        if (OperatingSystem.IsWindows())
        {
            Assert.Skip("Windows has no such file modes.");
            return;
        }

        await using (await RpcServer.StartAsync(SocketAddress, Services(), cancellationToken: Stop))
        {
            Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(SocketPath));
        }

        Assert.False(File.Exists(SocketPath));
    }

    [Theory]
    [InlineData("inproc:taken-name")]
    [InlineData("pipe:starling-taken")]
    public async Task A_name_that_is_taken_is_refused(string address)
    {
        await using var server = await RpcServer.StartAsync(address, Services(), cancellationToken: Stop);
        await Assert.ThrowsAsync<IOException>(() => RpcServer.StartAsync(address, Services(), cancellationToken: Stop));
    }

    [Fact]
    public async Task A_port_that_is_taken_is_refused()
    {
        var server = new RpcServer(Services());
        await using var disposal = server;
        var address = await server.ListenAsync("tcp://127.0.0.1:0", Stop);
        await Assert.ThrowsAsync<IOException>(() => RpcServer.StartAsync(address.ToString(), Services(), cancellationToken: Stop));
    }

    [Fact]
    public async Task Tls_without_a_certificate_says_what_is_missing()
    {
        var failure = await Assert.ThrowsAsync<ArgumentException>(() => RpcServer.StartAsync("tls://localhost:0", Services(), cancellationToken: Stop));
        Assert.Contains("ServerTls", failure.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_server_that_never_answers_the_handshake_is_given_up_with_the_time()
    {
        using var silent = new System.Net.Sockets.TcpListener(System.Net.IPAddress.Loopback, 0);
        silent.Start();
        var options = new MessagingOptions { ConnectTimeout = TimeSpan.FromMilliseconds(300) };
        TestCertificates.Apply(options);
        var port = ((System.Net.IPEndPoint)silent.LocalEndpoint).Port;
        var failure = await Assert.ThrowsAsync<IOException>(() => RpcClient.ConnectAsync($"tls://localhost:{port}", null, options, Stop));
        Assert.Contains("did not answer within 0.3 s", failure.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Mutual_tls_refuses_a_client_without_a_certificate()
    {
        var options = new MessagingOptions { ConnectTimeout = TimeSpan.FromSeconds(30) };
        TestCertificates.Apply(options);
        var server = new RpcServer(Services(), options);
        await using var disposal = server;
        var address = await server.ListenAsync("tls://localhost:0", Stop);
        await using (var good = await RpcClient.ConnectAsync(address.ToString(), null, options, Stop))
        {
            Assert.Equal(1, await good.InvokeAsync<int>("one", [], null, Stop));
        }

        var tls = new SslClientAuthenticationOptions { CertificateChainPolicy = options.ClientTls!.CertificateChainPolicy };
        var stranger = new MessagingOptions { ClientTls = tls, ConnectTimeout = TimeSpan.FromSeconds(1), Reconnect = false };
        var failure = await Assert.ThrowsAnyAsync<Exception>(async () =>
        {
            // With TLS 1.3 the refusal may come only after the client's side of the handshake is over.
            await using var client = await RpcClient.ConnectAsync(address.ToString(), null, stranger, Stop);
            await client.InvokeAsync<int>("one", [], null, Stop);
        });
        Assert.True(failure is IOException or AuthenticationException, failure.ToString());
    }

    [Fact]
    public async Task Quic_works_or_says_what_is_missing()
    {
        if (OperatingSystem.IsLinux() && QuicListener.IsSupported)
        {
            var options = new MessagingOptions();
            TestCertificates.Apply(options);
            var server = new RpcServer(Services(), options);
            await using var disposal = server;
            var address = await server.ListenAsync("quic://localhost:0", Stop);
            await using var client = await RpcClient.ConnectAsync(address.ToString(), null, options, Stop);
            Assert.Equal(1, await client.InvokeAsync<int>("one", [], null, Stop));
            return;
        }

        var certificates = new MessagingOptions();
        TestCertificates.Apply(certificates);
        var failure = await Assert.ThrowsAsync<PlatformNotSupportedException>(() => RpcServer.StartAsync("quic://localhost:0", Services(), certificates, Stop));
        Assert.Contains("libmsquic", failure.Message, StringComparison.Ordinal);
        failure = await Assert.ThrowsAsync<PlatformNotSupportedException>(() => RpcClient.ConnectAsync("quic://localhost:1", cancellationToken: Stop));
        Assert.Contains("libmsquic", failure.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_server_that_is_not_there_is_named()
    {
        var options = new MessagingOptions { ConnectTimeout = TimeSpan.FromMilliseconds(300) };
        var failure = await Assert.ThrowsAsync<IOException>(() => RpcClient.ConnectAsync(SocketAddress, null, options, Stop));
        Assert.Contains(SocketAddress, failure.Message, StringComparison.Ordinal);
    }

    private static RpcServices Services() => new RpcServices().Add("one", () => 1);
}
