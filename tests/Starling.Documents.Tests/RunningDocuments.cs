using System.Net.WebSockets;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Starling.Conformance.Server.Documents.Types;
using Starling.Documents.History;
using Starling.Documents.Hosting;
using Starling.Documents.ShareDb;
using Starling.Documents.Storage;
using Starling.Documents.Submission;
using Starling.Server.Backplane;

namespace Starling.Documents.Tests;

/// <summary>A server of documents in this process, on Kestrel and a free port.</summary>
internal sealed class RunningDocuments : IAsyncDisposable
{
    private readonly WebApplication _app;

    private readonly System.Diagnostics.Metrics.MeterListener _listener = new();
    private int _clients;

    private RunningDocuments(WebApplication app)
    {
        _app = app;
        var meters = app.Services.GetRequiredService<System.Diagnostics.Metrics.IMeterFactory>();
        _listener.InstrumentPublished = (instrument, listener) =>
        {
            if (instrument.Name == "starling.documents.clients" && ReferenceEquals(instrument.Meter.Scope, meters))
            {
                listener.EnableMeasurementEvents(instrument);
            }
        };
        _listener.SetMeasurementEventCallback<long>((_, change, _, _) => Interlocked.Add(ref _clients, (int)change));
        _listener.Start();
    }

    public IDocumentService Documents => _app.Services.GetRequiredService<IDocumentService>();

    public IDocumentHistory History => _app.Services.GetRequiredService<IDocumentHistory>();

    public DocumentEngine Engine => _app.Services.GetRequiredService<DocumentEngine>();

    /// <summary>How many clients are connected.</summary>
    public int Clients => _clients;

    public static async Task<RunningDocuments> StartAsync(
        Action<DocumentsOptions>? documents = null, Action<ShareDbOptions>? shareDb = null, IDocumentStore? store = null,
        IBackplane? backplane = null, TimeProvider? time = null, Action<WebApplication>? use = null)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.Services.AddSingleton(time ?? TimeProvider.System);
        builder.Services.AddSingleton(backplane ?? new InMemoryBackplane());
        var added = builder.Services.AddDocuments(documents)
            .AddType(new NumberType()).AddType(new LettersType()).AddType(new RawType());
        if (store is not null)
        {
            added.UseStore(_ => store);
        }

        var app = builder.Build();
        use?.Invoke(app);
        app.MapShareDb("/sharedb", shareDb);
        app.Urls.Add("http://127.0.0.1:0");
        await app.StartAsync();
        return new RunningDocuments(app);
    }

    /// <summary>Connects and shakes hands.</summary>
    public async Task<ProtocolClient> ConnectAsync(string? id = null, Action<ClientWebSocketOptions>? options = null)
    {
        var client = await OpenAsync(options);
        await client.SendAsync($$"""{"a":"hs","id":{{(id is null ? "null" : $"\"{id}\"")}},"protocol":1,"protocolMinor":2}""");
        client.Id = (await client.ReceiveAsync("hs")).GetProperty("id").GetString()!;
        return client;
    }

    /// <summary>Connects and reads the greeting.</summary>
    public async Task<ProtocolClient> OpenAsync(Action<ClientWebSocketOptions>? options = null)
    {
        var socket = new ClientWebSocket();
        options?.Invoke(socket.Options);
        await socket.ConnectAsync(new Uri($"ws://{new Uri(_app.Urls.Single()).Authority}/sharedb"), TestContext.Current.CancellationToken);
        var client = new ProtocolClient(socket);
        await client.ReceiveAsync("init");
        return client;
    }

    public async ValueTask DisposeAsync()
    {
        await _app.DisposeAsync();
        _listener.Dispose();
    }
}
