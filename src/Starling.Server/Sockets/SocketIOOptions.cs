using System.Text.Encodings.Web;
using System.Text.Json;
using Starling.Server.Sessions;

namespace Starling.Server.Sockets;

/// <summary>Settings of a Socket.IO server, with the defaults of the reference server where it has them.</summary>
public sealed class SocketIOOptions : EngineIOOptions
{
    /// <summary>How long a client may stay without joining a namespace before it is disconnected. Default 45 s.</summary>
    public TimeSpan ConnectTimeout { get; set; } = TimeSpan.FromSeconds(45);

    /// <summary>The most binary attachments of one incoming packet. Default 10.</summary>
    public int MaxAttachments { get; set; } = 10;

    /// <summary>How deep incoming JSON may nest. Default 64.</summary>
    public int MaxJsonDepth { get; set; } = 64;

    /// <summary>
    /// The most events of one socket that wait while a handler of that socket is busy; once as many wait, nothing more is read from its
    /// client. Default 1,000.
    /// </summary>
    public int MaxQueuedEvents { get; set; } = 1000;

    /// <summary>The most bytes that these events may have in all before nothing more is read from their client. Default 4 MiB.</summary>
    public int MaxQueuedEventBytes { get; set; } = 4 * 1024 * 1024;

    /// <summary>When set, clients that lost their connection for a short time get their socket back, with what they missed. Default null.</summary>
    public ConnectionStateRecoveryOptions? ConnectionStateRecovery { get; set; }

    /// <summary>How packets are encoded; clients must use the same parser. Default <see cref="PacketParser.Json"/>.</summary>
    public PacketParser Parser { get; set; }

    /// <summary>
    /// Whether a namespace that was made for a dynamic name is removed when its last socket leaves; one that the application got by
    /// <c>Of</c> stays. Default true: else everybody who may connect could fill the memory with names.
    /// </summary>
    public bool CleanupEmptyChildNamespaces { get; set; } = true;

    /// <summary>The most namespaces that one client may be in at a time; joining further ones is refused. Default 100.</summary>
    public int MaxNamespacesPerSession { get; set; } = 100;

    /// <summary>
    /// How payloads are serialised. Web defaults; add a source-generated context to the resolver chain for trimmed applications.
    /// <c>byte[]</c>, <c>Memory&lt;byte&gt;</c> and <c>ReadOnlyMemory&lt;byte&gt;</c> travel as binary attachments, wherever they stand.
    /// </summary>
    public JsonSerializerOptions JsonSerializerOptions { get; set; } = new(JsonSerializerDefaults.Web)
    {
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
    };

    internal override IEnumerable<string> Check()
    {
        foreach (var result in base.Check())
        {
            yield return result;
        }

        if (ConnectTimeout <= TimeSpan.Zero)
        {
            yield return $"ConnectTimeout is {ConnectTimeout}; it must be more than zero.";
        }

        foreach (var (name, value) in new[]
        {
            (nameof(MaxAttachments), MaxAttachments), (nameof(MaxJsonDepth), MaxJsonDepth), (nameof(MaxQueuedEvents), MaxQueuedEvents),
            (nameof(MaxQueuedEventBytes), MaxQueuedEventBytes), (nameof(MaxNamespacesPerSession), MaxNamespacesPerSession),
            ("ConnectionStateRecovery.MaxLostSockets", ConnectionStateRecovery?.MaxLostSockets ?? 1),
            ("ConnectionStateRecovery.MaxEmptyNamespaces", ConnectionStateRecovery?.MaxEmptyNamespaces ?? 1),
        })
        {
            if (value < 1)
            {
                yield return $"{name} is {value}; it must be at least 1.";
            }
        }
    }
}
