using System.Text.Json;

namespace Starling.Server.Presence;

/// <summary>
/// What this node has to tell the others: changes of its members, answers and beats, sent one after the other so that each arrives at the
/// version that it begins with. Changes that come while one is being sent go together.
/// </summary>
/// <param name="gate">The lock of presence, under which things are added.</param>
/// <param name="members">Gets this node's members; called under the lock.</param>
/// <param name="send">Sends a message to one node, or to all; does not throw.</param>
internal sealed class PresenceOutbox(
    Lock gate, Func<List<(string Channel, PresenceMember Member)>> members, Func<PresenceMessage, string?, ValueTask> send)
{
    private const int MaxEntries = 500;
    private const int MaxBytes = 1 << 20;
    private const int EntryBytes = 100;

    private readonly Queue<(PresenceEntry Entry, int Bytes)> _changes = new();
    private readonly Queue<string> _questions = new();
    private TaskCompletionSource? _told;
    private long _sentVersion;
    private bool _beats;
    private bool _isSending;

    /// <summary>Adds a change of a member, which makes a version.</summary>
    /// <returns>Completes when the change was sent.</returns>
    public Task Add(PresenceEntry entry, int stateBytes)
    {
        _changes.Enqueue((entry, stateBytes + EntryBytes));
        _told ??= new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        return _told.Task;
    }

    /// <summary>Adds the question of a node for all members.</summary>
    public void AddQuestion(string node)
    {
        if (!_questions.Contains(node))
        {
            _questions.Enqueue(node);
        }
    }

    /// <summary>Adds a sign of life.</summary>
    public void AddBeat() => _beats = true;

    /// <summary>Sends what was added, unless that is under way. To be called outside of the lock.</summary>
    public void Start()
    {
        lock (gate)
        {
            if (_isSending)
            {
                return;
            }

            _isSending = true;
        }

        _ = SendAsync();
    }

    private async Task SendAsync()
    {
        while (true)
        {
            List<PresenceMessage> messages;
            TaskCompletionSource? told = null;
            string? recipient = null;
            lock (gate)
            {
                if (_changes.Count > 0)
                {
                    messages = [NextChanges()];
                    if (_changes.Count == 0)
                    {
                        (told, _told) = (_told, null);
                    }
                }
                else if (_questions.TryDequeue(out recipient))
                {
                    messages = Answer();
                }
                else if (_beats)
                {
                    _beats = false;
                    messages = [new PresenceMessage(PresenceMessageKind.Beat, _sentVersion, _sentVersion, [])];
                }
                else
                {
                    _isSending = false;
                    return;
                }
            }

            foreach (var message in messages)
            {
                await send(message, recipient);
            }

            told?.SetResult();
        }
    }

    private PresenceMessage NextChanges()
    {
        var entries = new List<PresenceEntry>();
        var bytes = 0;
        while (_changes.TryPeek(out var next) && entries.Count < MaxEntries && (entries.Count == 0 || bytes + next.Bytes <= MaxBytes))
        {
            _changes.Dequeue();
            entries.Add(next.Entry);
            bytes += next.Bytes;
        }

        var from = _sentVersion;
        _sentVersion += entries.Count;
        return new PresenceMessage(PresenceMessageKind.Changes, from, _sentVersion, entries);
    }

    // No changes wait, so that the members are those of the version that was sent last.
    private List<PresenceMessage> Answer()
    {
        var messages = new List<PresenceMessage>();
        var entries = new List<PresenceEntry>();
        var bytes = 0;
        foreach (var (channel, member) in members())
        {
            var size = member.State.Length + EntryBytes;
            if (entries.Count == MaxEntries || (entries.Count > 0 && bytes + size > MaxBytes))
            {
                messages.Add(Part(isLast: false));
                (entries, bytes) = ([], 0);
            }

            entries.Add(new PresenceEntry(channel, member.Id, JsonElement.Parse(member.State.Span), member.Since));
            bytes += size;
        }

        messages.Add(Part(isLast: true));
        return messages;

        PresenceMessage Part(bool isLast) =>
            new(PresenceMessageKind.All, _sentVersion, _sentVersion, entries) { Part = messages.Count, IsLast = isLast };
    }
}
