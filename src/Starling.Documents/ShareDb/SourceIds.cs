using System.Security.Cryptography;
using System.Text;
using Starling.Documents.Json;
using Starling.Documents.Storage;

namespace Starling.Documents.ShareDb;

/// <summary>
/// Issues the ids by which clients are known. A client gives its id again when it reconnects, so that an operation sent twice is known as one;
/// whoever had another's id could make that one's operations be taken for repetitions. So an id is secret between server and client and
/// made for one user; others see, in operations and presence, a public form from which it cannot be found.
/// </summary>
/// <remarks>
/// The key lies in the store, in a collection that clients cannot reach, so that ids outlive restarts and are good on every node of the store.
/// </remarks>
internal sealed class SourceIds
{
    /// <summary>The collection that is the server's own.</summary>
    public const string OwnCollection = "$starling";

    private const int RandomBytes = 12;
    private const int CodeBytes = 12;
    private static readonly DocumentKey KeyDocument = new(OwnCollection, "source-key");

    private readonly byte[] _key;
    private readonly bool _isBinding;

    private SourceIds(byte[] key, bool isBinding)
    {
        _key = key;
        _isBinding = isBinding;
    }

    /// <summary>Reads the key, or makes it if this is the first server of the store.</summary>
    public static async Task<SourceIds> OpenAsync(IDocumentStore store, bool isBinding, CancellationToken cancellationToken)
    {
        while (true)
        {
            var stored = await store.ReadSnapshotAsync(KeyDocument, SnapshotPoint.Latest, cancellationToken);
            if (stored.Version > 0)
            {
                return new SourceIds(Convert.FromHexString(JsonSlices.GetString(stored.Data)!), isBinding);
            }

            var data = Encoding.UTF8.GetBytes($"\"{RandomNumberGenerator.GetHexString(64)}\"");
            var commit = new DocumentCommit
            {
                Key = KeyDocument,
                ExpectedVersion = 0,
                Operations =
                [
                    new DocumentOperation
                    {
                        Version = 0, Id = new OperationId(OwnCollection, 1), Kind = OperationKind.Create,
                        Type = "http://sharejs.org/types/JSONv0", Data = data, Time = 0,
                    },
                ],
                Snapshot = new DocumentSnapshot
                {
                    Key = KeyDocument,
                    Version = 1,
                    Type = "http://sharejs.org/types/JSONv0",
                    Data = data,
                },
            };

            // Of several servers that start at once one makes the key and the others read it.
            await store.CommitAsync(commit, cancellationToken);
        }
    }

    /// <summary>A new id for a user.</summary>
    /// <param name="user">The user, or null for one who is not signed in.</param>
    public string Issue(string? user)
    {
        Span<byte> id = stackalloc byte[RandomBytes + CodeBytes];
        RandomNumberGenerator.Fill(id[..RandomBytes]);
        Sign(id[..RandomBytes], user, id[RandomBytes..]);
        return Convert.ToHexStringLower(id);
    }

    /// <summary>Whether an id was issued to a user.</summary>
    public bool IsIssued(string id, string? user)
    {
        if (!_isBinding)
        {
            return true;
        }

        Span<byte> bytes = stackalloc byte[RandomBytes + CodeBytes];
        if (id.Length != 2 * bytes.Length || Convert.FromHexString(id, bytes, out _, out _) != System.Buffers.OperationStatus.Done)
        {
            return false;
        }

        Span<byte> code = stackalloc byte[CodeBytes];
        Sign(bytes[..RandomBytes], user, code);
        return CryptographicOperations.FixedTimeEquals(code, bytes[RandomBytes..]);
    }

    /// <summary>What others see of an id.</summary>
    public string Publish(string id)
    {
        if (!_isBinding)
        {
            return id;
        }

        Span<byte> code = stackalloc byte[32];
        HMACSHA256.HashData(_key, Encoding.UTF8.GetBytes("public " + id), code);
        return Convert.ToHexStringLower(code[..16]);
    }

    private void Sign(ReadOnlySpan<byte> random, string? user, Span<byte> code)
    {
        var text = Encoding.UTF8.GetBytes(user is null ? "anonymous " : "user " + user);
        Span<byte> whole = stackalloc byte[32];
        HMACSHA256.HashData(_key, (byte[])[.. random, .. text], whole);
        whole[..code.Length].CopyTo(code);
    }
}
