using System.Globalization;

namespace Starling.Supervisor.Spawning;

/// <summary>Numbers of a user and a group, as <c>/etc/passwd</c> and <c>/etc/group</c> know them.</summary>
internal readonly record struct UserIds(uint User, uint Group)
{
    private const uint Unchanged = uint.MaxValue;

    /// <summary>Finds the numbers; null when the files do not know the user.</summary>
    /// <param name="user">Name or number.</param>
    /// <param name="group">Name or number; null for the user's own group.</param>
    public static UserIds? Of(string user, string? group)
    {
        var account = Find("/etc/passwd", user);
        if (account is null && !uint.TryParse(user, NumberStyles.None, CultureInfo.InvariantCulture, out _))
        {
            return null;
        }

        var id = account?[2] ?? user;
        var groupId = group is null ? account?[3] : Find("/etc/group", group)?[2] ?? group;
        return uint.TryParse(id, NumberStyles.None, CultureInfo.InvariantCulture, out var userNumber)
            ? new UserIds(userNumber, uint.TryParse(groupId, NumberStyles.None, CultureInfo.InvariantCulture, out var groupNumber) ? groupNumber : Unchanged)
            : null;
    }

    /// <summary>Makes them the owner of a file or folder, not of what a link there leads to.</summary>
    public void Give(string path) => _ = Libc.lchown(path, User, Group);

    private static string[]? Find(string file, string name) => File.Exists(file)
        ? File.ReadLines(file).Select(line => line.Split(':')).FirstOrDefault(fields => fields.Length > 3 && (fields[0] == name || fields[2] == name))
        : null;
}
