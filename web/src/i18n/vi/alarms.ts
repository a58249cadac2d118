import type { alarms as en } from "../en/alarms";

export const alarms: typeof en = {
  alarm: "Máy chủ đưa ra điều không khớp. Sotto đã không làm theo.",
  alarms: {
    bad_identity: "Máy chủ đưa ra các khoá của một người với chữ ký không đúng. Chúng không được dùng.",
    self_signing_key_changed:
      "Theo máy chủ, khoá ký thiết bị của một người không còn như trước. Khoá mới không được dùng.",
    list_refused:
      "Máy chủ đưa ra một danh sách thiết bị không nối tiếp danh sách trước của cùng một người. Nó không được dùng.",
    list_forked:
      "Máy chủ đưa ra hai danh sách thiết bị của một người với cùng một số thứ tự. Danh sách sau không được dùng.",
    list_rolled_back: "Máy chủ đưa ra một danh sách thiết bị cũ hơn danh sách đã biết. Nó không được dùng.",
    unsigned_device: "Máy chủ nêu một thiết bị mà chủ của nó không ký. Không gì được gửi đến thiết bị đó.",
    forged_one_time_key: "Máy chủ đưa ra một khoá không do thiết bị của nó ký. Khoá đó không được dùng.",
    ghost_member:
      "Máy chủ nêu một người trong cuộc trò chuyện mà không thành viên nào mời vào. Không gì được gửi cho người đó.",
    membership_refused:
      "Máy chủ đưa ra một thay đổi của nhóm có chữ ký sai, hoặc không được phép. Thay đổi đó bị bỏ qua.",
    membership_by_revoked_device:
      "Một thay đổi của nhóm đến từ một thiết bị mà chủ của nó đã đăng xuất. Hãy xem ai đang ở trong các nhóm của bạn.",
    member_key_mismatch:
      "Một cuộc trò chuyện nêu khoá của một thành viên không giống khoá bạn biết. Không gì được gửi cho người đó khi hai khoá còn khác nhau.",
    roster_rolled_back:
      "Máy chủ đưa ra danh sách thành viên cũ hơn danh sách đã biết của một cuộc trò chuyện. Nó không được dùng.",
    foreign_room_key: "Một thiết bị gửi khoá cho tin nhắn của thiết bị khác. Khoá đó không được dùng.",
    backup_refused: "Máy chủ đưa ra một bản sao lưu khoá không do bạn ký, hoặc cũ hơn bản đã biết. Nó không được dùng.",
    acknowledged_lost:
      "Máy chủ đã làm mất một tin của bạn mà nó từng nhận. Có thể người khác chưa nhận được tin đó. Những gì bạn viết bây giờ vẫn được gửi.",
  },
};
